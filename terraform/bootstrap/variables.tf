variable "github_repository" {
  description = "Repository whose workflows deploy, `owner/name`."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.github_repository))
    error_message = "github_repository must be owner/name, such as hospital/metriccare."
  }
}

variable "github_oidc_provider_arn" {
  description = "ARN of the account's GitHub OIDC provider when one exists (an account can have only one); null creates it. scripts/bootstrap_account.py looks it up."
  type        = string
  default     = null
}

variable "workspaces" {
  description = "Workspaces deployed into this account; each gets an apply role."
  type        = set(string)
  default     = ["dev", "prod"]
}

variable "owns_account_settings" {
  description = "Whether this sets what an account has only once: Lake Formation defaults and catalog encryption. Leave false where another team owns them."
  type        = bool
  default     = false
}
