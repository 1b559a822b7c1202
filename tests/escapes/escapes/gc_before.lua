-- __gc put into a table before it becomes a metatable, by every way.
-- load: ok
-- event: ok
local function trap()
  mall.log "ESCAPED __gc"
end
local function try(meta)
  if pcall(setmetatable, {}, meta) and rawget(meta, "__gc") then
    mall.log "ESCAPED __gc accepted"
  end
end
try { __gc = trap }
try { __gc = true }
try { __gc = 1, __index = {} }
try(setmetatable({}, { __index = { __gc = trap } }))
local m = {}
rawset(m, "x", 1)
pcall(rawset, m, "__gc", trap)
try(m)
for i = 1, 3000 do
  local _ = { i }
end
