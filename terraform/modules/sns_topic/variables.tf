variable "name" {
  description = "Name of the topic."
  type        = string
}

variable "display_name" {
  description = "Sender's name in e-mails."
  type        = string
}

variable "kms_key_arn" {
  description = "Key the messages are encrypted with; its policy must admit the publishing services."
  type        = string
}

variable "publishing_services" {
  description = "Service principals that publish, limited to this account."
  type        = list(string)
}

variable "email" {
  description = "Address that receives the messages once it has confirmed; null for none."
  type        = string
}
