"""Property lists as councils keep them: headings, encodings, separators, and rows that cannot be trusted."""

import io
from datetime import date

import pytest
from openpyxl import Workbook

from app.errors import BadFile
from app.repairs.homes.columns import tenure_of_file
from app.repairs.homes.property_list import NeedsTenure, joined, read_list, without_doubles
from models.repairs import Kind

HEADS = "UPRN,Property Ref,Address 1,Address 2,Address 3,Post Code,Tenure,Tenant Name,Telephone"
ROW = "100990000001,P001,14 Tannery Row,,Averwick,AV3 2QT,Tenant,Ffion Wŷn-Harte,07700 900417"


def read(text, name="homes.csv", **options):
    data = text if isinstance(text, bytes) else text.encode()
    return without_doubles(read_list(name, data, **options))


def faults(found):
    return [str(fault) for fault in found.faults]


def test_a_plain_list_is_read_into_homes():
    found = read(f"{HEADS}\n{ROW}\n")
    (row,) = found.rows
    assert row.uprn == "100990000001"
    assert row.values["address"] == "14 Tannery Row, Averwick"
    assert row.values["postcode"] == "AV3 2QT"
    assert row.place_key == "AV32QT 14 tannery row"
    assert row.values["tenure"] is Kind.TENANT
    assert row.values["telephone"] == "07700 900 417"
    assert found.tenures == {Kind.TENANT}
    assert not found.faults


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_encodings_and_separators_change_nothing(encoding, mark):
    text = f"{HEADS}\r\n{ROW}\r\n".replace(",", mark)
    found = read(text.encode(encoding))
    assert found.rows[0].values["tenant_name"] == "Ffion Wŷn-Harte"
    assert found.rows[0].values["address"] == "14 Tannery Row, Averwick"


def test_names_in_the_code_page_of_windows_are_read():
    found = read(f"{HEADS}\n{ROW}\n".replace("Wŷn-Harte", "Béatrice O’Neil").encode("cp1252"))
    assert found.rows[0].values["tenant_name"] == "Ffion Béatrice O’Neil"


def test_titles_above_the_headings_and_unknown_columns_are_passed_over():
    found = read(f"Averwick homes\n\nAs at 1 December\n{HEADS},Rent group\n{ROW},A\n")
    assert len(found.rows) == 1
    assert found.rows[0].row == 5
    assert found.passed_over == ("Rent group",)


@pytest.mark.parametrize(
    ("heads", "row"),
    [
        ("Full Address,Postcode,Tenure", '"14  Tannery Row , Averwick, AV3 2QT",av32qt , tenant '),
        ("house no,street,town,pcode,tenancy type", "14,Tannery Row,Averwick,AV3  2QT,Secure"),
        ("AddressLine1,AddressLine2,POST_CODE,Tenure", "14 Tannery Row,Averwick,AV3 2QT,T"),
        ("Address,Address 2,Postcode,Tenure", "14 Tannery Row,Averwick,AV3 2QT,Rented"),
    ],
)
def test_an_address_may_stand_in_any_columns(heads, row):
    (home,) = read(f"{heads}\n{row}\n").rows
    assert home.values["address"] == "14 Tannery Row, Averwick"
    assert home.values["postcode"] == "AV3 2QT"


def test_a_flat_number_of_its_own_column_is_called_a_flat():
    (home,) = read("Flat,House No,Street,Postcode,Tenure\n3,2,Castle Street,AV2 1HN,Lease\n").rows
    assert home.values["address"] == "Flat 3, 2 Castle Street"


def test_the_optional_columns_are_brought_into_one_shape():
    heads = (
        "address_1,postcode,tenure,block_ref,stack,ward,no_repair_reason,contractor,warranty_until,gas_supply"
    )
    row = "Flat 2 Castle Court,AV2 1HN,Leaseholder,Castle Court,East,Quay,,Forge Homes,31/03/2027,Y"
    (home,) = read(f"{heads},build_year,legal_disrepair\n{row},1974,yes\n").rows
    assert home.values["block"] == "Castle Court"
    assert home.values["stack"] == "East"
    assert home.values["warranty_until"] == date(2027, 3, 31)
    assert home.values["gas_supply"] is True
    assert home.values["build_year"] == 1974
    assert home.values["legal_disrepair"] is True
    assert home.values["tenure"] is Kind.LEASEHOLD


def test_a_uprn_that_a_spreadsheet_shortened_is_named_and_its_row_kept_aside():
    found = read(f"{HEADS}\n{ROW.replace('100990000001', '1.00061E+11')}\n")
    assert not found.rows
    assert "its last digits are lost" in faults(found)[0]
    assert faults(found)[0].startswith("Row 2: ")
    assert found.aside[0].place_key == "AV32QT 14 tannery row"


def test_a_short_uprn_gets_its_zeros_back():
    assert read(f"{HEADS}\n{ROW.replace('100990000001', '90000001')}\n").rows[0].uprn == "000090000001"


def test_a_blank_postcode_keeps_the_row_aside():
    found = read(f"{HEADS}\n{ROW.replace('AV3 2QT', '  ')}\n")
    assert faults(found) == ["Row 2: there is no postcode."]


def test_a_mistyped_postcode_is_proposed_and_taken_only_when_somebody_says_so():
    text = f"{HEADS}\n{ROW.replace('AV3 2QT', 'AVI OQT')}\n"
    found = read(text)
    assert not found.rows
    assert found.faults[0].meant == "AV1 0QT"
    assert found.proposals == 1
    assert read(text, take_meant=True).rows[0].values["postcode"] == "AV1 0QT"


def test_one_uprn_for_two_homes_keeps_both_aside():
    other = ROW.replace("14 Tannery Row", "16 Tannery Row").replace("P001", "P002")
    third = ROW.replace("14 Tannery Row", "18 Tannery Row").replace("P001", "P003").replace("0001", "0009")
    found = read(f"{HEADS}\n{ROW}\n{other}\n{third}\n")
    assert [row.values["address"] for row in found.rows] == ["18 Tannery Row, Averwick"]
    assert faults(found) == [
        "Row 2: has the UPRN 100990000001, as row 3 has with other words.",
        "Row 3: has the UPRN 100990000001, as row 2 has with other words.",
    ]


def test_one_home_with_two_references_keeps_both_rows_aside():
    other = ROW.replace("P001", "P002").replace("100990000001", "")
    found = read(f"{HEADS}\n{ROW}\n{other}\n")
    assert not found.rows
    assert "has the same address, as row 2 has with other words" in faults(found)[1]


def test_a_row_that_stands_twice_is_taken_once():
    found = read(f"{HEADS}\n{ROW}\n{ROW}\n")
    assert len(found.rows) == 1
    assert faults(found) == ["Row 3: says the same as row 2; taken once."]
    assert found.faults[0].kept


def test_a_cell_that_cannot_be_read_is_left_out_and_the_home_comes_in():
    found = read("address,postcode,tenure,warranty_until,phone\n1 Mill Lane,AV1 4BD,tenant,13/25/2026,12\n")
    assert len(found.rows) == 1
    assert "warranty_until" not in found.rows[0].values
    assert all(fault.kept for fault in found.faults)
    assert len(found.faults) == 2


def test_an_unknown_tenure_and_a_comma_too_many_keep_the_row_aside():
    found = read(f"{HEADS}\n{ROW.replace('Tenant,', 'Freehold,')}\n{ROW},extra\n")
    assert "the tenure “Freehold” is not known" in faults(found)[0]
    assert "more cells than there are headings" in faults(found)[1]


def test_three_files_say_their_tenure_by_their_names_and_make_one_list():
    heads, row = "Address,Postcode", "{} Tannery Row,AV3 2QT"
    files = ("tenants.csv", "Leaseholders 2026.csv", "communal_areas.csv")
    found = joined(
        [read_list(name, f"{heads}\n{row.format(n)}\n".encode()) for n, name in enumerate(files, 1)]
    )
    assert [r.values["tenure"] for r in found.rows] == [Kind.TENANT, Kind.LEASEHOLD, Kind.COMMUNAL]
    assert found.tenures == set(Kind)
    assert tenure_of_file("homes.csv") is None


def test_a_list_that_does_not_say_whose_homes_they_are_asks():
    text = b"Address,Postcode\n1 Mill Lane,AV1 4BD\n"
    with pytest.raises(NeedsTenure, match="does not say whose homes"):
        read_list("homes.csv", text)
    assert read_list("homes.csv", text, Kind.LEASEHOLD).rows[0].values["tenure"] is Kind.LEASEHOLD


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"UPRN,Tenure,Ward\n1,Tenant,Quay\n", "no column for the address"),
        (b"Address,Tenure,Ward\n1 Mill Lane,Tenant,Quay\n", "no column for the postcode"),
        (b"a,b\n1,2\n", "no row of headings"),
        (b"Address,Postcode,Tenure\n", "no home below"),
        (b"Address,Postcode,Tenure\n1 Mill\x00 Lane,AV1 4BD,T\n", "no text file may hold"),
        (b'Address,Postcode,Tenure\n"1 Mill Lane' + b",AV1 4BD,T\n" * 2_000, "never closed"),
        (b"PK\x03\x04 not a sheet", "damaged"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_a_sentence(data, said):
    name = "homes.xlsx" if data.startswith(b"PK") else "homes.csv"
    with pytest.raises(BadFile) as caught:
        read_list(name, data)
    assert said in caught.value.title
    assert caught.value.advice


def test_a_workbook_reads_like_its_csv_and_its_numbers_keep_their_digits():
    book = Workbook()
    sheet = book.active
    sheet.append(HEADS.split(","))
    sheet.append(
        [100990000001, "P001", "14 Tannery Row", None, "Averwick", "AV3 2QT", "Tenant", "F", 7700900417]
    )
    sheet.append([100990000008.0, "P002", "16 Tannery Row", None, "Averwick", "AV3 2QT", "Tenant", "G", None])
    out = io.BytesIO()
    book.save(out)
    found = read(out.getvalue(), "homes.xlsx")
    assert [row.uprn for row in found.rows] == ["100990000001", "100990000008"]
    assert found.rows[0].values["telephone"] == "07700 900 417"
    assert not found.faults


def test_a_spreadsheets_guard_is_taken_off():
    found = read('address,postcode,tenure,uprn\n\'=1 Mill Lane,AV1 4BD,tenant,"=""000123"""\n')
    assert found.rows[0].uprn == "000000000123"
