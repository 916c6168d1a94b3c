"""Who may read what: the scope of a reader, and the roles it is made from."""
