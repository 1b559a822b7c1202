-- A metatable on the globals that answers and loops for every name.
-- load: ok
-- event: ok
setmetatable(_G, {
  __index = function(_, name)
    return nil
  end,
  __newindex = function(t, k, v)
    rawset(t, k, v)
  end,
})
x = 1
local _ = undefined_name
mall.log(x)
