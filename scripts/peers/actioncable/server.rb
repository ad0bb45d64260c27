# A chat over Action Cable, as Rails's own guide writes it, without the rest of Rails: a
# channel streams from a room, and what it is given is broadcast to the room.
#
#     ruby server.rb [PORT]      3000 unless another is given
require "action_cable"
require "logger"
require "puma"

class Connection < ActionCable::Connection::Base
end

class ChatChannel < ActionCable::Channel::Base
  def subscribed
    stream_from params[:room]
  end

  def receive(draft)
    ActionCable.server.broadcast params[:room], draft
  end
end

ActionCable.server.config.tap do |config|
  config.cable = { "adapter" => "async" }
  config.connection_class = -> { Connection }
  config.disable_request_forgery_protection = true
  config.logger = Logger.new($stderr, level: Logger::WARN)
end

cable = ->(env) { env["PATH_INFO"] == "/cable" ? ActionCable.server.call(env) : [404, {}, []] }
server = Puma::Server.new(cable)
port = server.add_tcp_listener("127.0.0.1", Integer(ARGV.fetch(0, 3000)), true, 4096).addr[1]
$stdout.sync = true
puts "listening on http://127.0.0.1:#{port}"
puts "process #{$$}: wirebench run scenarios/peers/actioncable.toml --target http://127.0.0.1:#{port} --target-pid #{$$}"
server.run.join
