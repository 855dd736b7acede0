"""Names for the sample council; nobody of these names is meant."""

from __future__ import annotations

from dataclasses import dataclass

FIRST = (
    "Ada", "Aled", "Amina", "Anwen", "Arthur", "Beata", "Beth", "Bryn", "Carys", "Cledwyn", "Connie",
    "Dafydd", "Delyth", "Dilip", "Doreen", "Edith", "Eifion", "Elin", "Ewa", "Farah", "Fflur", "Frank",
    "Gareth", "Geraint", "Glenys", "Hafsa", "Harold", "Heulwen", "Idris", "Ines", "Ioan", "Irena",
    "Iwan", "Joan", "Jolanta", "Kemal", "Kit", "Leila", "Llinos", "Lowri", "Lucasz", "Mabel", "Mair",
    "Megan", "Mihai", "Nadia", "Nerys", "Norman", "Olwen", "Owain", "Parveen", "Percy", "Rashid",
    "Rhodri", "Rosa", "Ruth", "Sabah", "Sioned", "Stan", "Tegwen", "Tomasz", "Una", "Vera", "Wilf",
    "Winifred", "Zofia",
)  # fmt: skip
LAST = (
    "Addlestone", "Arkwell", "Beynon", "Blackthorn", "Bowdler", "Brackley", "Cadwallon", "Carnforth",
    "Chidlow", "Coppard", "Danby", "Dewhurst", "Eddowes", "Eynon", "Fairlamb", "Fenwick-Rhys",
    "Garside", "Gethin", "Goodacre", "Hallam", "Hesketh", "Hopwood", "Ibbotson", "Ingleby", "Jarman",
    "Kellet", "Kowal", "Lathom", "Llŷr", "Lomax", "Maddock", "Marrable", "Nantlais", "Nowak", "Oakley",
    "Orrell", "Parfitt", "Penhale", "Pryce-Lloyd", "Quested", "Ravenhill", "Rashford", "Sallow",
    "Sedgley", "Tamworth", "Thistlewood", "Treharne", "Underhill", "Vaizey", "Wardle", "Wetherby",
    "Whitlock", "Yardley",
)  # fmt: skip
WORK = (
    "Online blue badge form", "NHS App, first sign-in", "Job search, CV upload",
    "Video call with family", "Email, new password", "Universal Credit journal", "Council tax account",
    "Photos off the phone", "Typing practice", "Bus times", "Library e-books", "Spotting scam texts",
    "Online banking safely", "Tablet, larger letters", "Housing register form",
)  # fmt: skip


@dataclass(frozen=True)
class Guest:
    """Somebody whom the pictures name: the signs of their code, minutes since they came (None: not here
    today), what they work on, whether today is their first time."""

    name: str
    body: str
    year: int
    ago: int | None = None
    working_on: str = ""
    first: bool = False


TODAY = (
    Guest("Gwen Ashdown", "7KQ4", 1951),
    Guest("Gwilym Wŷnne", "X2BD", 1947),
    Guest("Rhiannon Peel", "4TFW", 1998, 0, "", True),
    Guest("Dewi Ormond", "9HZA", 1958, 11, "Online blue badge form"),
    Guest("Marjorie Quill", "K3RP", 1944, 23, "NHS App, first sign-in"),
    Guest("Siân Ŵyr-Barton", "T6JN", 1986, 26, "Job search, CV upload", True),
    Guest("Abel Norcott", "2MWE", 1939, 41, "Video call with family"),
    Guest("Hettie Glaze", "Q8CY", 1949, 50, "Email, new password"),
    Guest("Yusuf Tarrant", "5DBK", 1977, 59, "Universal Credit journal"),
    Guest("Bronwen Maes", "8NVH", 1962, 62, "Council tax account"),
    Guest("Kofi Ansdell", "3GXR", 1970, 66, "Housing register form"),
    Guest("Priscilla Thorne", "6WYC", 1946, 70, "Library e-books"),
    Guest("Emrys Pugh", "M4SZ", 1955, 74, "Photos off the phone"),
    Guest("Jean Holroyd", "V9DE", 1942, 78, "Spotting scam texts"),
)
