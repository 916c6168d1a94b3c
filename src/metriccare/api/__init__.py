"""The read-only API: sign-in, rights, audit and the published results over HTTP."""
