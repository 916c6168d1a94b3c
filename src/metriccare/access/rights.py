"""The names of rights: what a role may do is a set of these. Source: serving specification, 4.3."""

MARTS_READ = "marts:read"
QUALITY_READ = "quality:read"
QUALITY_EVIDENCE = "quality:evidence"
QUALITY_OVERRIDE = "quality:override"
# Unsuppressed results of the own tenant, for the quality office only, when asked for.
SMALL_READ = "small:read"
FINANCE_READ = "finance:read"
FINANCE_EVIDENCE = "finance:evidence"
PROVIDERS_READ = "providers:read"
PROVIDER_OWN = "provider:own"
INTEGRITY_READ = "integrity:read"
INTEGRITY_REVIEW = "integrity:review"
OPS_READ = "ops:read"
EXPORT = "export"
AUDIT_READ = "audit:read"
TENANT_ADMIN = "tenant:admin"

RIGHTS = frozenset(
    {
        MARTS_READ,
        QUALITY_READ,
        QUALITY_EVIDENCE,
        QUALITY_OVERRIDE,
        SMALL_READ,
        FINANCE_READ,
        FINANCE_EVIDENCE,
        PROVIDERS_READ,
        PROVIDER_OWN,
        INTEGRITY_READ,
        INTEGRITY_REVIEW,
        OPS_READ,
        EXPORT,
        AUDIT_READ,
        TENANT_ADMIN,
    }
)
