variable "name" {
  description = "Name of the workflow."
  type        = string
}

variable "description" {
  description = "What the workflow does."
  type        = string
}

variable "job_names" {
  description = "Jobs in the order they run; each starts when the one before has succeeded."
  type        = list(string)

  validation {
    condition     = length(var.job_names) > 0
    error_message = "A workflow needs at least one job."
  }
}
