variable "name" {
  description = "Name of the pool and its client."
  type        = string
}

variable "domain_prefix" {
  description = "First part of the host of the sign-in pages, unique in the region."
  type        = string
}

variable "groups" {
  description = "Groups of people: the roles."
  type        = list(string)
}

variable "claims" {
  description = "Attributes that an administrator sets and tokens carry as `custom:<name>`."
  type        = list(string)
}

variable "callback_urls" {
  description = "Addresses a sign-in may come back to."
  type        = list(string)
}

variable "logout_urls" {
  description = "Addresses a sign-out may come back to."
  type        = list(string)
}

variable "requires_mfa" {
  description = "Whether everybody needs a second factor."
  type        = bool
}

variable "deletion_protection" {
  description = "Whether the pool refuses to be deleted until this is switched off."
  type        = bool
}
