-- __gc by overwriting a field while the metatable is walked.
-- load: ok
-- event: ok
local m = { a = 1, b = 2 }
setmetatable({}, m)
for k in next, m do
  pcall(function() m[k] = nil end)
  pcall(function() m.__gc = print end)
  pcall(function() m.__mode = "k" end)
end
if rawget(m, "__gc") or rawget(m, "__mode") then
  mall.log "ESCAPED"
end
