-- Chat: commands that players type, such as "/bid 5". What they say otherwise comes as the event "chat".
local K = ...
local type, s_find, s_gsub = type, string.find, string.gsub
local mall, bad = K.mall, K.bad

local COMMANDS_MAX = 16

local commands, count = {}, 0
local module = {}

-- Declares a command. Its line is not said aloud: `fn` gets the player and what stands after the name.
function module.command(name, fn)
  K.need("chat.listen", "mall.chat.command")
  K.declaring("mall.chat.command")
  local word = type(name) == "string" and s_gsub(name, "^/", "")
  if not word or #word > 24 or not s_find(word, "^%l[%l%d_]*$") then
    bad("mall.chat.command: a command is a word such as 'bid' (a-z, 0-9 and _, 24 at most), got " .. K.shown(name))
  elseif commands[word] then
    bad("mall.chat.command: there is a command '" .. word .. "' already")
  elseif count >= COMMANDS_MAX then
    bad("mall.chat.command: at most " .. COMMANDS_MAX .. " commands")
  end
  K.callback(fn, "mall.chat.command")
  K.emit("chat_command", word)
  commands[word] = fn
  count = count + 1
end

function K.chat_command(player, word, text)
  local fn = commands[word]
  if fn then
    fn(player, text)
  end
end

mall.chat = module
