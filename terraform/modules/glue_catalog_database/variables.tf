variable "name" {
  description = "Name of the database."
  type        = string
}

variable "description" {
  description = "What the database holds."
  type        = string
}

variable "location" {
  description = "`s3://` location of its tables; Athena silently drops `s3a://` partitions."
  type        = string

  validation {
    condition     = startswith(var.location, "s3://") && !endswith(var.location, "/")
    error_message = "location must begin with s3:// and not end with a slash."
  }
}

variable "tables" {
  description = "Hudi tables by name, from generated/tables.json."
  type = map(object({
    description = string
    columns     = list(object({ name = string, type = string, comment = string }))
    partition   = object({ name = string, type = string, comment = string })
  }))
}

variable "views" {
  description = "Views by name, from generated/views.json."
  type = map(object({
    description = string
    sql         = string
    columns     = list(object({ name = string, hive = string, trino = string }))
  }))
  default = {}
}
