"""The same facts as tables: CSV files as billing systems send them."""
