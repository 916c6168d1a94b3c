"""Tabular feeds: declarations of their columns, contracts of senders, and the reader of rows."""
