variable "name" {
  description = "Alias of the key, without `alias/`."
  type        = string
}

variable "description" {
  description = "What the key protects."
  type        = string
}

variable "deletion_window_days" {
  description = "Days between the key's deletion and its end, in which it can be brought back."
  type        = number

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "deletion_window_days must be 7 to 30; KMS accepts no other."
  }
}

variable "service_uses" {
  description = "AWS services that use the key on their own account, by statement id. A use is limited by conditions; one without any may name one service only, whose senders the policy of the queue or topic names."
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
