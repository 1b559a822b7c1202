-- Mathematics: the functions of C, which would read numbers from texts of any length.
local K = ...
local type, next, select = type, next, select
local short, M = K.short, K.libraries.math

for name, f in next, math do
  if type(f) == "function" and name ~= "type" and name ~= "randomseed" then
    M[name] = function(a, b, ...)
      if type(a) == "string" or type(b) == "string" or select("#", ...) > 0 then
        short(a)
        short(b)
        for i = 1, select("#", ...) do
          short((select(i, ...)))
        end
        return f(a, b, ...)
      elseif b == nil then
        if a == nil then
          return f()
        end
        return f(a)
      end
      return f(a, b)
    end
  end
end
