---@meta
-- Annotations of the mall's Lua API, written from sandbox/api.toml. Change that, not this.

---The host's clock. There is no other part of `os`.
---@class oslib
---@field clock fun(): number seconds of the host's clock
---@field time fun(): integer the same, whole
os = {}
