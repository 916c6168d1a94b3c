variable "name" {
  description = "Name of the workgroup."
  type        = string
}

variable "description" {
  description = "Who queries through it."
  type        = string
}

variable "results_location" {
  description = "`s3://` place of query results, enforced for every client."
  type        = string
}

variable "results_bucket_owner" {
  description = "Account that must own the results bucket."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the query results."
  type        = string
}

variable "bytes_scanned_limit" {
  description = "Bytes a single query may read before Athena cancels it."
  type        = number
}

variable "force_destroy" {
  description = "Whether destroy may delete a workgroup with saved queries and history."
  type        = bool
}

variable "named_queries" {
  description = "Saved queries by name."
  type = map(object({
    description = string
    database    = string
    query       = string
  }))
  default = {}
}
