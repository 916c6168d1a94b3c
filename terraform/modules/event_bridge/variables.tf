variable "name" {
  description = "Name of the rule."
  type        = string
}

variable "description" {
  description = "When the rule fires, and what it starts."
  type        = string
}

variable "event_pattern" {
  description = "Pattern of the events to pass on (JSON); null for a schedule."
  type        = string
  default     = null
}

variable "schedule_expression" {
  description = "`rate(...)` or `cron(...)`; null for events."
  type        = string
  default     = null

  validation {
    condition     = (var.schedule_expression == null) != (var.event_pattern == null)
    error_message = "Give either event_pattern or schedule_expression."
  }
}

variable "function_arn" {
  description = "Lambda function that the rule calls."
  type        = string
}

variable "dead_letter_arn" {
  description = "Queue for events that could not be delivered to the function."
  type        = string
}
