variable "name" {
  description = "Name of the workgroup."
  type        = string
}

variable "description" {
  description = "Who uses the workgroup, and for what."
  type        = string
}

variable "results_location" {
  description = "`s3://` location of query results; clients cannot change it."
  type        = string
}

variable "results_bucket_owner" {
  description = "Account that must own the bucket of results."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the query results."
  type        = string
}

variable "bytes_scanned_limit" {
  description = "Bytes a single query may read before Athena cancels it."
  type        = number
}

variable "force_destroy" {
  description = "True lets destroy delete a workgroup that has saved queries and history."
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
