-- Mathematics: the functions of C, which would read numbers from texts of any length.
local K = ...
local type, next, select = type, next, select
local short, M = K.short, K.libraries.math

for _, name in next, {
  "abs", "acos", "asin", "ceil", "cos", "deg", "exp", "floor", "modf", "rad", "sin", "sqrt", "tan", "tointeger",
} do
  local f = math[name]
  M[name] = function(a)
    if type(a) == "string" then
      short(a)
    end
    return f(a)
  end
end

for _, name in next, { "atan", "fmod", "log", "random", "ult" } do
  local f = math[name]
  M[name] = function(a, b)
    short(a)
    if b == nil then
      if a == nil then
        return f()
      end
      return f(a)
    end
    return f(a, short(b))
  end
end

for _, name in next, { "max", "min" } do
  local f = math[name]
  M[name] = function(...)
    local a, b = ...
    if select("#", ...) == 2 and type(a) == "number" and type(b) == "number" then -- mostly, and quicker without a loop
      return f(a, b)
    end
    K.all_short(...)
    return f(...)
  end
end
