"""The built-in renderer: executed chapters in, an HTML site and a PDF out.

One reading of the whole book (`reading.read_book`) feeds both writers, so that numbers, cross-references and
citations cannot differ between screen and paper.
"""
