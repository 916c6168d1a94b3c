"""The query layer's text side: views, checks, read-only statements, translation; no engine."""
