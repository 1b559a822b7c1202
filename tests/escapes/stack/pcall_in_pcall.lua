-- pcall inside pcall, as deep as it goes.
-- load: budget|memory
-- event: budget|memory
local function f()
  pcall(f)
  f()
end
f()
