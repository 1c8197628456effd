// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {BackstopVault} from "../../src/BackstopVault.sol";
import {IBackstopVault} from "../../src/interfaces/IBackstopVault.sol";
import {ICheats} from "./ICheats.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Test} from "forge-std/Test.sol";

/// @notice A mock escrow: the lock it holds or not is all the vault reads of it.
contract MockLock {
    bool public locked;

    function setLocked(bool locked_) external {
        locked = locked_;
    }
}

/// @title One vault of a dollar with 6 decimals, an escrow that tests speak for, and lenders with money.
abstract contract VaultTest is Test {
    ICheats internal constant cheats = ICheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 internal constant MARKET = "mock-alpha";
    uint32 internal constant PAY_DOMAIN = 1002;
    uint64 internal constant DELAY = 2 hours;
    uint256 internal constant CAP = 1_000_000e6;
    uint256 internal constant START = 1_790_000_000;

    BackstopVault internal vault;
    TestToken internal token;
    MockLock internal escrow;
    address internal adapter = makeAddr("adapter");
    address internal keeper = makeAddr("keeper");
    address internal lender = makeAddr("lender");
    address internal other = makeAddr("other lender");
    address internal thief = makeAddr("thief");

    function setUp() public virtual {
        vm.warp(START);
        token = new TestToken("Dollar", "USD", 6, address(this));
        AccessManager manager = new AccessManager(address(this));
        vault = new BackstopVault(token, "Gavel dollar", "gUSD", address(manager), DELAY);
        escrow = new MockLock();
        vault.setEscrow(address(escrow));
        _fund(lender);
        _fund(other);
        _fund(thief);
        _fund(address(this));
        _deposit(lender, 1000e6);
    }

    function _fund(address account) private {
        token.mint(account, 1_000_000e6);
        vm.prank(account);
        token.approve(address(vault), type(uint256).max);
    }

    // ---- lenders ----

    function _deposit(address account, uint256 assets) internal returns (uint256 shares) {
        vm.prank(account);
        return vault.deposit(assets, account);
    }

    function _request(address account, uint256 shares) internal {
        vm.prank(account);
        vault.requestRedeem(shares, account, account);
    }

    function _requestAll(address account) internal {
        _request(account, vault.balanceOf(account));
    }

    function _claimAll(address account) internal returns (uint256 assets) {
        uint256 shares = vault.maxRedeem(account);
        vm.prank(account);
        return vault.redeem(shares, account, account);
    }

    function _requestAndClaimAll(address account) internal returns (uint256 assets) {
        _requestAll(account);
        vm.warp(block.timestamp + DELAY);
        return _claimAll(account);
    }

    // ---- the escrow ----

    function _front(uint256 principal) internal {
        vm.prank(address(escrow));
        vault.front(MARKET, CAP, adapter, principal, keeper, 0);
    }

    function _settle(uint256 principal, uint256 fee) internal {
        _settleWith(principal, fee, 0);
    }

    /// @param reward Of the fee, the keeper's.
    function _settleWith(uint256 principal, uint256 fee, uint256 reward) internal {
        vm.prank(address(escrow));
        vault.settle(MARKET, principal, fee, PAY_DOMAIN, IBackstopVault.Reward(keeper, reward));
    }

    function _openLot(bytes32 id, uint256 principal, uint256 floor) internal {
        vm.prank(address(escrow));
        vault.openLot(MARKET, id, principal, floor, uint64(block.timestamp + 1 days));
    }

    /// @dev Fronts and lets the order expire.
    function _expired(bytes32 id, uint256 principal, uint256 floor) internal {
        _front(principal);
        _openLot(id, principal, floor);
    }

    function _settleLot(bytes32 id, uint256 fee) internal {
        vm.prank(address(escrow));
        vault.settleLot(MARKET, id, fee, PAY_DOMAIN, IBackstopVault.Reward(keeper, 0));
    }

    function _sellLot(bytes32 id, uint256 proceeds) internal returns (uint256 shortfall) {
        token.mint(address(vault), proceeds);
        return _soldLot(id, proceeds);
    }

    /// @dev With the proceeds in the vault already.
    function _soldLot(bytes32 id, uint256 proceeds) internal returns (uint256 shortfall) {
        vm.prank(address(escrow));
        return vault.sellLot(MARKET, id, proceeds);
    }

    function _forfeit(bytes32 id, uint256 amount) internal {
        token.mint(address(vault), amount);
        _forfeited(id, amount);
    }

    /// @dev With the forfeit in the vault already.
    function _forfeited(bytes32 id, uint256 amount) internal {
        vm.prank(address(escrow));
        vault.absorbForfeit(MARKET, id, amount);
    }

    // ---- reading ----

    /// @dev The assets of a share, as deposits pay for it and as redemptions get it, with 18 digits more.
    function _depositPrice() internal view returns (uint256) {
        return (vault.totalAssets() + 1) * 1e36 / (vault.totalSupply() + 1e6);
    }

    function _redemptionPrice() internal view returns (uint256) {
        uint256 redeemable =
            vault.idle() + vault.receivables() + vault.totalAway() + vault.lotMarks() - vault.reimbursementsOwed();
        return (redeemable + 1) * 1e36 / (vault.totalSupply() + 1e6);
    }
}
