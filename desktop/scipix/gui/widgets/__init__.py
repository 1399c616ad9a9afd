"""Parts of the windows; each shows data that it is given and says what the user did through signals."""
