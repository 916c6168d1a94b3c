variable "name" {
  description = "Name of the table."
  type        = string
}

variable "hash_key" {
  description = "Partition key (text)."
  type        = string
}

variable "range_key" {
  description = "Sort key (text)."
  type        = string
}

variable "local_indexes" {
  description = "Local secondary indexes, name to sort attribute (text); only local ones can be read consistently."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(var.local_indexes) <= 5
    error_message = "DynamoDB allows five local secondary indexes per table."
  }
}

variable "kms_key_arn" {
  description = "Key the table is encrypted with."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted until this is switched off."
  type        = bool
}
