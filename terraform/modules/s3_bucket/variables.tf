variable "name" {
  description = "Name of the bucket, unique in all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "A bucket name has 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "kms_key_arn" {
  description = "Key of the default encryption; null (SSE-S3) only for the bucket of access logs, which S3 cannot write under KMS, and for the built page, which is public."
  type        = string
}

variable "access_logs" {
  description = "Bucket that receives the access logs; null for that bucket itself, and in a region that has none."
  type        = object({ bucket = string })
}

variable "force_destroy" {
  description = "Whether destroy may delete a bucket that still holds objects."
  type        = bool
}

variable "noncurrent_days" {
  description = "Days an overwritten or deleted object version is kept."
  type        = number

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days must be at least 1."
  }
}

variable "expire_current_after_days" {
  description = "Days after which current objects go too: query results and logs only, never a bucket with Hudi tables."
  type        = number
  default     = null
}

variable "short_lived_prefix" {
  description = "Prefix whose objects go a day after they are written, and their old versions a day later; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.short_lived_prefix == null || can(regex("[^/]/$", var.short_lived_prefix))
    error_message = "short_lived_prefix must be a folder, so that it ends with a slash: else it could be the whole bucket."
  }
}

variable "policy_documents" {
  description = "Further bucket policy documents (JSON), merged with the refusal of plain HTTP."
  type        = list(string)
  default     = []
}
