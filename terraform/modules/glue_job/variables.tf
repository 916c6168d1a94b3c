variable "name" {
  description = "Name of the job and its role."
  type        = string
}

variable "description" {
  description = "What the job does."
  type        = string
}

variable "script_location" {
  description = "`s3://` location of the script."
  type        = string
}

variable "arguments" {
  description = "Arguments in addition to those of every job."
  type        = map(string)

  validation {
    condition     = alltrue([for name in keys(var.arguments) : startswith(name, "--")])
    error_message = "Glue argument names begin with `--`."
  }
}

variable "role" {
  description = "What the job may do (policy JSON), and the most it can ever do (ARN of the boundary)."
  type = object({
    policy       = string
    boundary_arn = string
  })
}

variable "workers" {
  description = "G.1X workers (1 DPU each)."
  type        = number

  validation {
    condition     = var.workers >= 2
    error_message = "A Spark job needs at least 2 workers."
  }
}

variable "execution_class" {
  description = "STANDARD, or FLEX: a third cheaper, but it waits for spare capacity."
  type        = string

  validation {
    condition     = contains(["STANDARD", "FLEX"], var.execution_class)
    error_message = "execution_class must be STANDARD or FLEX."
  }
}

variable "timeout_minutes" {
  description = "Minutes after which the job is stopped."
  type        = number
}

variable "security_configuration" {
  description = "Glue security configuration: encryption of what the job writes and logs."
  type        = string
}

variable "log_group_prefix" {
  description = "Prefix of the job's log groups, such as `/metriccare/dev/jobs`."
  type        = string

  validation {
    condition     = startswith(var.log_group_prefix, "/") && !endswith(var.log_group_prefix, "/")
    error_message = "log_group_prefix begins with a slash and ends without one."
  }
}

variable "log_retention_days" {
  description = "Days the job's log is kept."
  type        = number
}

variable "log_key_arn" {
  description = "KMS key that encrypts the log."
  type        = string
}
