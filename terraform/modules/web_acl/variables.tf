variable "name" {
  description = "Name of the web ACL and its metrics."
  type        = string
}

variable "description" {
  description = "What it protects."
  type        = string
}

variable "requests_in_five_minutes" {
  description = "Requests of one address in five minutes; more are refused."
  type        = number

  validation {
    condition     = var.requests_in_five_minutes >= 100
    error_message = "requests_in_five_minutes must be at least 100: a page alone asks a dozen times."
  }
}
