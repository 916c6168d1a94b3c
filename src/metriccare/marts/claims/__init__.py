"""Claims, accounts, remits and the ledger of one person. Source: claims specification, 1 and 2.4.

Plain Python over frozen records: nothing here knows an engine, a table's path or a file.
"""
