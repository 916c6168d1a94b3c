variable "name" {
  description = "Name of the stream and its role."
  type        = string
}

variable "boundary_arn" {
  description = "The most that the role can ever do."
  type        = string
}

variable "bucket" {
  description = "Bucket of the audit files: name and ARN."
  type = object({
    name = string
    arn  = string
  })
}

variable "key_arn" {
  description = "Key of the stream and its files."
  type        = string
}

variable "log" {
  description = "Log of failed deliveries: its group, the group's ARN, key, and days it is kept."
  type = object({
    group          = string
    group_arn      = string
    key_arn        = string
    retention_days = number
  })
}

variable "table" {
  description = "Table over the files: its database, columns in order, and the first day there can be."
  type = object({
    database  = string
    columns   = list(object({ name = string, type = string }))
    first_day = string
  })
}
