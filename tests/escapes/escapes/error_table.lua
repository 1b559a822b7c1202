-- An error object that is a table with every metamethod.
-- load: error
-- event: error
local function trap()
  mall.log "ESCAPED a metamethod of the error was run"
  return "x"
end
error(setmetatable({}, {
  __tostring = trap, __index = trap, __eq = trap, __concat = trap, __len = trap, __name = "x", __call = trap, __lt = trap,
}))
