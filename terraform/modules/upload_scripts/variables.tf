variable "bucket" {
  description = "Bucket of the deployed scripts and packages."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the objects."
  type        = string
}

variable "files" {
  description = "Files to upload: object key to local path."
  type        = map(string)
}
