"""The organisations that are compared, in the order of their chapters."""

ORGANISATIONS = ("unodc", "bomca", "sco", "osce", "csto")
