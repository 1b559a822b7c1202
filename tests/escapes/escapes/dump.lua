-- string.dump by every way to the string library.
-- load: ok
-- event: ok
local s = ""
for _, f in pairs { a = string.dump, b = s.dump, c = rawget(string, "dump"), d = ("x").dump } do
  mall.log("ESCAPED dump " .. tostring(f))
end
