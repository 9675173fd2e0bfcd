# A project without tables.
schema "app" {
}
