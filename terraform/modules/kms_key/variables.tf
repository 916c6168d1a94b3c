variable "name" {
  description = "Alias of the key, without `alias/`."
  type        = string
}

variable "description" {
  description = "What the key protects."
  type        = string
}

variable "deletion_window_days" {
  description = "Days after deletion in which the key can still be restored."
  type        = number

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "deletion_window_days must be 7 to 30; KMS accepts no other."
  }
}

variable "service_uses" {
  description = "AWS services that use the key directly, by statement id. Conditions limit each use; a use without any names one service, and the policy of the queue or topic names the senders."
  type = map(object({
    services = list(string)
    actions  = list(string)
    conditions = list(object({
      test     = string
      variable = string
      values   = list(string)
    }))
  }))
  default = {}

  validation {
    condition     = alltrue([for use in var.service_uses : length(use.conditions) > 0 || length(use.services) == 1])
    error_message = "A use by several services needs a condition (aws:SourceAccount, or the encryption context for logs)."
  }
}
