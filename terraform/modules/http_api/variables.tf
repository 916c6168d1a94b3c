variable "name" {
  description = "Name of the API and its log."
  type        = string
}

variable "description" {
  description = "What the API answers."
  type        = string
}

variable "functions" {
  description = "Functions that answer, by a name of yours: the function, its alias, and the address to invoke it at."
  type = map(object({
    function   = string
    alias      = string
    invoke_arn = string
  }))
}

variable "routes" {
  description = "Paths, such as `/v1/{proxy+}`, and the name of the function that answers each."
  type        = map(string)
}

variable "timeout_seconds" {
  description = "Seconds an answer may take."
  type        = number

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 30
    error_message = "timeout_seconds must be 1 to 30: an HTTP API waits no longer."
  }
}

variable "throttle" {
  description = "Requests a second that are let through, and how many at once above that."
  type = object({
    per_second = number
    burst      = number
  })
}

variable "log" {
  description = "Key of the log group and days it is kept."
  type = object({
    key_arn        = string
    retention_days = number
  })
}
