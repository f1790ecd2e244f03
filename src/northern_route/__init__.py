"""The analysis of the thesis on trafficking through the Northern Route."""
