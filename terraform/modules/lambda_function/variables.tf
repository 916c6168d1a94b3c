variable "name" {
  description = "Name of the function, its role and its log."
  type        = string
}

variable "description" {
  description = "What the function does."
  type        = string
}

variable "handler" {
  description = "Entry point in the package, `module.function`."
  type        = string
}

variable "package" {
  description = "Path of the zip with the code; bucket and key where it lies in S3, for one of more than 50 MB."
  type = object({
    path   = string
    bucket = optional(string)
    key    = optional(string)
  })
}

variable "machine" {
  description = "Memory in MB, which processors come with; disk in MB; how many calls at a time, -1 for as many as there are; whether instances start from a snapshot of a published version, which callers reach by the alias `live`."
  type = object({
    memory    = number
    disk      = number
    at_once   = number
    snapshots = optional(bool, false)
  })
  default = {
    memory  = 256
    disk    = 512
    at_once = -1
  }
}

variable "role" {
  description = "What the function may do besides logging (policy JSON), and the most it can ever do (ARN of the boundary)."
  type = object({
    policy       = string
    boundary_arn = string
  })
}

variable "network" {
  description = "Private subnets and security group the function runs in; null for none."
  type = object({
    subnet_ids        = list(string)
    security_group_id = string
  })
  default = null
}

variable "environment" {
  description = "Environment variables; names of things, never secrets."
  type        = map(string)
}

variable "timeout_seconds" {
  description = "Seconds a call may take."
  type        = number

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "timeout_seconds must be 1 to 900."
  }
}

variable "log_key_arn" {
  description = "Key of the log group."
  type        = string
}

variable "log_retention_days" {
  description = "Days the log is kept."
  type        = number
}

variable "dead_letter_arn" {
  description = "Queue for events the function failed on for good; null where the caller sends its failures elsewhere."
  type        = string
  default     = null
}
