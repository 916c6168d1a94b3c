variable "name" {
  description = "Name of the topic."
  type        = string
}

variable "display_name" {
  description = "Sender's name in e-mails."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the messages; its policy must allow the publishing services."
  type        = string
}

variable "publishing_services" {
  description = "AWS services that may publish, limited to this account."
  type        = list(string)
}

variable "email" {
  description = "Address that receives the messages after its owner confirms; null for none."
  type        = string
}
