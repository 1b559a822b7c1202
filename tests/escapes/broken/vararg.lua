-- Three dots outside a function of arguments.
-- load: error
-- event: error
local function f()
  return ...
end
