variable "bucket" {
  description = "Bucket of the deployed scripts and packages."
  type        = string
}

variable "kms_key_arn" {
  description = "Key the objects are encrypted with."
  type        = string
}

variable "files" {
  description = "Files to upload: object key to local path."
  type        = map(string)
}
