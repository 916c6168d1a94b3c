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

variable "log" {
  description = "The job's log: prefix of its groups, such as `/metriccare/dev/jobs`, days it is kept, KMS key it is under."
  type = object({
    group_prefix   = string
    retention_days = number
    key_arn        = string
  })

  validation {
    condition     = startswith(var.log.group_prefix, "/") && !endswith(var.log.group_prefix, "/")
    error_message = "log.group_prefix begins with a slash and ends without one."
  }
}

variable "connections" {
  description = "Glue connections to the network the job runs in; empty for none."
  type        = list(string)
  default     = []
}
