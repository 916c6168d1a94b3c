"""The development issuer: OpenID Connect on this machine, without passwords."""
