"""Who may see what: roles, sign-in tokens, scopes and the audit of reads."""
