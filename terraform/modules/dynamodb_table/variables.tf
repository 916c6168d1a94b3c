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

variable "kms_key_arn" {
  description = "Key the table is encrypted with."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted until this is switched off."
  type        = bool
}

variable "expires_attribute" {
  description = "Attribute with the second (since 1970) after which DynamoDB removes an item; null where items stay."
  type        = string
  default     = null
}
