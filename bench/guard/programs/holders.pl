# Many cheap holders of one UDP port each, and of no other's, as servers are. Arguments: address, first port, number. Ends them all
# with itself.
use strict;
use IO::Socket::INET;
my ($address, $first, $count) = @ARGV;
$SIG{TERM} = sub { exit };
my @children;
pipe(my $ready, my $say) or die "pipe: $!";
for my $port ($first .. $first + $count - 1) {
	my $pid = fork();
	if ($pid == 0) {
		$SIG{TERM} = "DEFAULT";
		my $socket = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Proto => "udp") or die "$port: $!";
		syswrite($say, ".");
		close $_ for $ready, $say;
		sleep 86400;
		exit;
	}
	push @children, $pid;
}
my $parent = $$;
END { kill "TERM", @children if @children && $$ == $parent }
close $say;
for (my $bound = 0; $bound < $count; $bound++) {
	sysread($ready, my $byte, 1) or die "a holder has ended";
}
$| = 1;
print "ready\n";
sleep 86400;
