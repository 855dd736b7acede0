"""Photos from the file to the store: sniffed, drawn anew, hinted at, kept; app.repairs.files is the face."""
