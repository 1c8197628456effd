// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {Deploy} from "../../script/Deploy.s.sol";
import {Roles} from "../../src/access/Roles.sol";
import {HyperlaneFixture, IHyperlaneMailbox} from "../base/HyperlaneFixture.sol";

/// @title What the forge script leaves behind.
contract DeployTest is HyperlaneFixture {
    Deploy internal script;
    IHyperlaneMailbox internal mailbox;
    TestToken internal dollar;
    address internal admin = makeAddr("admin");
    address internal guardian = makeAddr("guardian");

    function setUp() public {
        script = new Deploy();
        mailbox = _deployMailbox(1001);
        dollar = new TestToken("Dollar", "USD", 6, address(this));
    }

    function _json(uint256 delay) internal view returns (string memory) {
        string memory first = string.concat(
            '{"salt":"test","deployer":"',
            vm.toString(address(script)),
            '","mailbox":"',
            vm.toString(address(mailbox)),
            '","bondDelay":86400,"debts":["',
            vm.toString(address(dollar)),
            '"],"redemptionDelay":604800,"admin":"'
        );
        return string.concat(
            first, vm.toString(admin), '","guardian":"', vm.toString(guardian), '","delay":', vm.toString(delay), "}"
        );
    }

    function test_DeploysWiresAndHandsOver() public {
        Deploy.Settings memory settings = script.read(_json(14 days));
        Deploy.Deployment memory set = script.deploy(settings);
        assertEq(set.bonds.escrow(), address(set.collateral));
        assertEq(set.bonds.delay(), 1 days);
        assertEq(address(set.collateral.registry()), address(set.registry));
        assertEq(address(set.repayment.mailbox()), address(mailbox));
        assertEq(address(set.resolver.escrow()), address(set.collateral));
        assertEq(set.vaults.length, 1);
        assertEq(set.vaults[0].escrow(), address(set.collateral));
        assertEq(set.vaults[0].symbol(), "gbUSD");
        assertEq(set.vaults[0].redemptionDelay(), 7 days);

        script.handOver(set, settings);
        (bool kept,) = set.manager.hasRole(Roles.ADMIN, address(script));
        assertFalse(kept);
        (bool held, uint32 delay) = set.manager.hasRole(Roles.RULES, admin);
        assertTrue(held);
        assertEq(delay, 14 days);
        vm.prank(guardian);
        set.registry.pause("any");
        assertTrue(set.registry.isPaused("any"));
    }

    function test_ADelayWithinARedemptionIsRefused() public {
        Deploy.Settings memory settings = script.read(_json(7 days));
        Deploy.Deployment memory set = script.deploy(settings);
        vm.expectRevert(abi.encodeWithSelector(Roles.DelayTooShort.selector, uint32(7 days), 7 days));
        script.handOver(set, settings);
    }
}
