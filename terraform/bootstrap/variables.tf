variable "github_repository" {
  description = "Repository whose workflows deploy, `owner/name`."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.github_repository))
    error_message = "github_repository must be owner/name, such as hospital/metriccare."
  }
}

variable "github_owner_id" {
  description = "Number of the repository's owner at GitHub; null on GitHub Enterprise Server, whose tokens carry names only. scripts/bootstrap_account.py looks it up."
  type        = string
  default     = null

  validation {
    condition     = var.github_owner_id == null || can(regex("^[0-9]+$", var.github_owner_id))
    error_message = "github_owner_id must be a number: gh api repos/OWNER/NAME --jq .owner.id"
  }
}

variable "github_repository_id" {
  description = "Number of the repository at GitHub; null on GitHub Enterprise Server. scripts/bootstrap_account.py looks it up."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository_id == null || can(regex("^[0-9]+$", var.github_repository_id))
    error_message = "github_repository_id must be a number: gh api repos/OWNER/NAME --jq .id"
  }

  validation {
    condition     = (var.github_repository_id == null) == (var.github_owner_id == null)
    error_message = "Give github_owner_id and github_repository_id together, or neither."
  }
}

variable "github_oidc_provider_arn" {
  description = "ARN of the account's GitHub OIDC provider when one exists (an account can have only one); null creates it. scripts/bootstrap_account.py looks it up."
  type        = string
  default     = null
}

variable "workspaces" {
  description = "Workspaces deployed into this account; each gets an apply role and a boundary for the roles it makes."
  type        = set(string)
  default     = ["dev", "prod"]

  validation {
    condition     = length(var.workspaces) > 0 && length(setsubtract(var.workspaces, ["dev", "prod"])) == 0
    error_message = "workspaces must be dev, prod or both: the stack knows no other (terraform/locals.tf)."
  }
}

variable "owns_account_settings" {
  description = "Whether this sets what an account has only once: Lake Formation settings and catalog encryption. Leave false where another team owns them."
  type        = bool
  default     = false
}

variable "data_lake_admins" {
  description = "ARNs of the account's Lake Formation administrators. Required with owns_account_settings, which replaces the whole list."
  type        = set(string)
  default     = []

  validation {
    condition     = !var.owns_account_settings || length(var.data_lake_admins) > 0
    error_message = "owns_account_settings replaces the account's data lake administrators: name them in data_lake_admins, or the account has none."
  }
}

variable "options" {
  description = "Options of the stack that workspaces of this account may turn on (docs/deploy.md, Options)."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.options, ["data_events", "private_network", "serving"])) == 0
    error_message = "options must be among data_events, private_network and serving."
  }
}

variable "data_key_arns" {
  description = "ARNs of KMS keys of yours that workspaces of this account may use as data_key_arn."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.data_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-f-]+$", arn))])
    error_message = "data_key_arns must be ARNs of keys, such as arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555."
  }
}

variable "raw_replica_region" {
  description = "Second region, such as us-west-2, to which workspaces of this account may copy their uploads (raw_replica_region of the stack); null for none."
  type        = string
  default     = null

  validation {
    condition     = var.raw_replica_region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.raw_replica_region))
    error_message = "raw_replica_region must be a region such as us-west-2."
  }
}
