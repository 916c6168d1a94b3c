variable "alert_email" {
  description = "Address that receives the alerts; null or empty for none. Required in prod; without one in dev, nobody gets an alert."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || var.alert_email == "" || can(regex("^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$", var.alert_email))
    error_message = "alert_email must be an e-mail address such as quality@hospital.example."
  }
}

variable "slack_secret_name" {
  description = "Name of a Secrets Manager secret that holds a Slack webhook address; null for no Slack."
  type        = string
  default     = null
}

variable "slack_secret_key_arn" {
  description = "ARN of the secret's own KMS key; null when it is under AWS's key for Secrets Manager."
  type        = string
  default     = null
}

variable "account_ids" {
  description = "Account of each workspace, such as {dev = \"...\", prod = \"...\"}; a profile of another account is refused."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.account_ids) : can(regex("^[0-9]{12}$", id))])
    error_message = "Account ids have 12 digits."
  }
}

variable "artifacts_folder" {
  description = "Folder of the built packages; null for dist/ of the repository (`make package`)."
  type        = string
  default     = null
}

variable "settings_file" {
  description = "metriccare.toml with tenants, time zones, gates and measures; null or empty for the defaults."
  type        = string
  default     = null
}

variable "measures_folder" {
  description = "Folder the paths in [measures] of the settings file begin at; its .json and .csv files are deployed with it. Null or empty for none."
  type        = string
  default     = null
}

variable "small_runs" {
  description = "true: a function takes small runs through instead of the workflow (docs/deploy.md); null for what terraform/locals.tf says of the workspace."
  type        = bool
  default     = null
}

variable "private_network" {
  description = "true: jobs and functions run in a network without a way to the internet (docs/deploy.md, Options); null for what terraform/locals.tf says of the workspace."
  type        = bool
  default     = null
}

variable "given_network" {
  description = "A network of yours for private_network, instead of one that is made; its endpoints are yours. null for what terraform/locals.tf says of the workspace."
  type = object({
    vpc_id            = string
    subnet_ids        = list(string)
    security_group_id = string
  })
  default = null
}

variable "data_key_arn" {
  description = "ARN of a KMS key of yours for buckets, tracking table and query results; null or empty for what terraform/locals.tf says of the workspace."
  type        = string
  default     = null

  validation {
    condition     = var.data_key_arn == null || var.data_key_arn == "" || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-f-]+$", var.data_key_arn))
    error_message = "data_key_arn must be the ARN of a key (not of an alias), such as arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555."
  }
}

variable "raw_replica_region" {
  description = "Region that receives a copy of every upload, such as us-west-2; null or empty for what terraform/locals.tf says of the workspace."
  type        = string
  default     = null

  validation {
    condition     = var.raw_replica_region == null || var.raw_replica_region == "" || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.raw_replica_region))
    error_message = "raw_replica_region must be a region such as us-west-2."
  }
}

variable "keeps_raw_replica" {
  description = "false: the copies in raw_replica_region and their key are removed; leave the region out after that apply, not before. null for what terraform/locals.tf says of the workspace."
  type        = bool
  default     = null
}

variable "data_events" {
  description = "true: a trail records who reads and writes uploads and the lake (docs/deploy.md, Options); null for what terraform/locals.tf says of the workspace."
  type        = bool
  default     = null
}

variable "canary" {
  description = "true: the stack sends itself a small upload every day and an alarm says when one is not published in time; null for what terraform/locals.tf says of the workspace."
  type        = bool
  default     = null
}

variable "close_day" {
  description = "Day of the month (1-26) on which the KPIs of the month before are closed, such as 5; null for what terraform/locals.tf says of the workspace: never."
  type        = number
  default     = null

  validation {
    condition     = var.close_day == null || try(var.close_day >= 1 && var.close_day <= 26 && floor(var.close_day) == var.close_day, false)
    error_message = "close_day must be a whole number from 1 to 26: the two days after it must exist in every month."
  }
}

variable "serving" {
  description = "true: published results are served as an API and pages (docs/deploy.md, Options); null for what terraform/locals.tf says of the workspace."
  type        = bool
  default     = null
}

variable "serving_issuer" {
  description = "An OpenID Connect issuer of yours that people sign in at, instead of a Cognito user pool that is made: address, client, name of the secret that holds the client's secret (null for a client without one), audience of access tokens, scopes, and the claims that hold tenants, roles, facilities, provider and name. null for what terraform/locals.tf says of the workspace."
  type = object({
    issuer        = string
    client_id     = string
    client_secret = optional(string)
    audience      = optional(string)
    scopes        = optional(string)
    claims        = optional(map(string), {})
  })
  default = null

  validation {
    condition     = var.serving_issuer == null || can(regex("^https://[^/?#]+", var.serving_issuer.issuer))
    error_message = "serving_issuer.issuer must be an https address, such as https://login.hospital.example/realms/staff."
  }
}

variable "serving_domain" {
  description = "Name of yours under which readers find the pages, and the ARN of its certificate in us-east-1; null for CloudFront's own name, or for what terraform/locals.tf says of the workspace."
  type = object({
    name            = string
    certificate_arn = string
  })
  default = null

  validation {
    condition     = var.serving_domain == null || can(regex("^arn:[a-z-]+:acm:us-east-1:", var.serving_domain.certificate_arn))
    error_message = "serving_domain.certificate_arn must be a certificate in us-east-1: CloudFront takes no other."
  }
}

variable "web_acl" {
  description = "true: a web ACL stands before what is served; null for what terraform/locals.tf says of the workspace."
  type        = bool
  default     = null
}

variable "has_budget" {
  description = "Whether to make a cost budget. false in an account where billing is not open to roles (\"IAM user and role access to Billing information\" in the account's settings)."
  type        = bool
  default     = true
}

variable "owner" {
  description = "Value of the tag `owner`."
  type        = string
  default     = "data-platform"
}

variable "cost_center" {
  description = "Value of the tag `cost_center`."
  type        = string
  default     = "quality"
}

variable "commit" {
  description = "Commit that is deployed, for release.json in the artifacts bucket; the workflows set it."
  type        = string
  default     = "unknown"
}
